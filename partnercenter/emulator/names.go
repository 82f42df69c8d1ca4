package emulator

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// culture is where names come from. A name not in Latin script carries its
// user name part behind "=". Family names of different cultures differ in
// Latin letters too, so that first.last is one person in one culture.
type culture struct {
	country     string
	familyFirst bool
	noSpace     bool // between the parts, as in Chinese
	first, last string
}

var cultures = map[string]culture{
	"de": {
		country: "DE",
		first:   "Jürgen, Sabine, Anneliese, Björn, Käthe, Günter, Ernst-Wilhelm, Gabriele, Hannelore, Lukas, Maximilian Alexander, Änne-Marie, Thomas, Petra, Ulrike, Stefan, Katharina, Olga, Hüseyin, Jörg, Dörte, Wolfgang, Renate, Tim, Lea, Özlem, Heinz-Jürgen, Christoph Maria, Finn, Mechthild",
		last:    "Müller, Mueller, Müller-Lüdenscheidt, Schmidt, Schmitt, Großkreutz, Weiß=weisz, Weiss, Freifrau von Schwarzenberg-Hohenstein, Graf von Hohenzollern-Sigmaringen, Köhler, Koehler, Jäger, Vogt, Brandt, Achterberg, Biedermeier, Steinmetz, Kühn, Lüders, Ohlendorf, Krüger, Schäfer, Hinterhuber, Overbeek, Süßmilch, Löwenthal-Bruckmann, Rößler, Öztürk-Hansen, Zur Mühlen, Abels, Wagner",
	},
	"ch": {
		country: "CH",
		first:   "Beat, Reto, Ursula, Annelies, Gian-Andrea, Ladina, Jean-Daniel, Mélanie, Urs, Vreni, Luca, Nadja",
		last:    "Bärtschi, Zürcher, Hürlimann, Caflisch, Rüegg, Ammann, Jeanneret-Gris, Bründler, Gschwend, Zumbühl, Imhof, Käser",
	},
	"en": {
		country: "US",
		first:   "Grace, Daniel, Olivia, James, Charlotte, Liam, Aaliyah, Marcus, Sean, Mary-Kate, Noah, Emma, Zoë, Chloe, Tyrone, Abigail, Ethan, D'Andre, La'Keisha, William, Harper, Jackson, Renée, Ezra, Theodore, Isla",
		last:    "Okonkwo, Smith, Johnson, Williams, Brown, Davis, Wilson, Anderson, Taylor, Thompson, Harris, Clark, Lewis, Robinson, Walker, Young, Allen, King, Wright, Hill, Green, Baker, Nelson, Carter, Smythe-Featherstonehaugh, Washington, Vance III, Saint-Clair",
	},
	"gb": {
		country: "GB",
		first:   "Siân, Rhys, Oliver, Poppy, Alasdair, Niamh, Fiona, Hamish, Gwen, Tariq, Priyanka, Saoirse, Conor, Aoife, Ruairí, Imogen",
		last:    "O'Brien, O’Sullivan, D'Arcy, MacGillivray, Ó Dálaigh, Llewellyn-Jones, Featherstone, Ap Gwilym, Fforde, Ní Bhraonáin, McAllister, Wetherby, Patel-Hughes, Cholmondeley, Hargreaves, St John",
	},
	"fr": {
		country: "FR",
		first:   "Chloé, Jérôme, François, Aurélie, Loïc, Benoît, Maëlys, Hélène, Fatima Zahra, Nadia, Jean-Baptiste, Cécile, Gaëtan, Zoé, Anaïs, Rémi, Marie-Thérèse, Étienne, Océane, Noël",
		last:    "Lefèvre, Benali, El Idrissi, Müntz, d'Estaing-Morel, L'Hermitte, Lemaître, Garçon, Hébert, Bœuf, Chêne, Dupré, Lévêque, N'Diaye, Bélanger, Saint-Exupéry, de La Rochefoucauld, Français, Perrin, Roux",
	},
	"es": {
		country: "ES",
		first:   "José Ramón, Beatriz, Íñigo, Begoña, María José, Álvaro, Remedios, Sofía, Andrés, Itziar, Ángel, Concepción, Joaquín, Lucía, Xavier, Núria, Rocío, Jesús",
		last:    "Iturriaga, Fernández Ortega, Núñez, Ibáñez, García Márquez, Peña, Echeverría, Muñoz, de la Fuente, Castaño, Güell, Zúñiga, Puig i Cadafalch, Rodríguez, López de Haro, Vázquez, Ordóñez, Agüero",
	},
	"pt": {
		country: "BR",
		first:   "João, Conceição, Inês, Luís, Antônio, Thaís, Sebastião, Lívia, Caetano, Patrícia, Márcio, Júlia, Vinícius, Débora",
		last:    "Gonçalves, da Conceição, Simões, Araújo, Magalhães, Assunção, Falcão, dos Santos, Sampaio, Guimarães, Brandão, Leão, Quintão, Ribeirão",
	},
	"it": {
		country: "IT",
		first:   "Nicolò, Giulia, Davide, Chiara, Dario, Ilaria, Maurizio, Noemi, Gian Luca, Letizia, Piero, Ornella",
		last:    "D'Amico, Dell'Acqua, De Cecchi, Lo Nigro, Forlì, Cantù, Esposito, Bianchi, Russo, Mancini, Sforza, Della Rovere",
	},
	"nl": {
		country: "NL",
		first:   "Daan, Henrike, Niels, Bart, Johannes, Anouk, Joëlle, Siebe, Femke, Willem-Jan, Thijs, Maaike, Sjoerd, Marijke",
		last:    "van der Meulen, de Vries, Hoekstra, Rademakers, 't Hooft, van 't Hek, IJsbrandy, Bruijn, Coëlho, Geïllustreerd, ten Brinke, van den Berghe, Zeeuw, Postma",
	},
	"nordic": {
		country: "SE",
		first:   "Søren, Ingrid, Åse, Øyvind, Bjørk, Astrid, Håkon, Göran, Märta, Jöns, Þórunn, Guðmundur, Sigríður, Ragnhild, Mette, Åsa, Lasse, Frøydis",
		last:    "Åkesson, Sørensen, Øvergård, Bjørnson, Lindström, Ångström, Þorsteinsson, Guðjónsdóttir, Hæstad, Kjærgaard, Nygård, Sjöberg, Östlund, Ægisdóttir, Brøndsted, Wærness, Hägglund, Ødegaard",
	},
	"fi": {
		country: "FI",
		first:   "Päivi, Jyrki, Hännele, Väinö, Aino, Eero, Tõnu, Kadri, Ülle, Mikko, Sõle, Jaakko",
		last:    "Hämäläinen, Mäkelä, Järvinen, Yliö, Pärt, Õunapuu, Kärkkäinen, Niinistö, Räikkönen, Tamm, Väljas, Kivisäkk",
	},
	"pl": {
		country: "PL",
		first:   "Paweł, Agnieszka, Dominika, Łukasz, Małgorzata, Jana, Marta, Wojciech, Światosław, Żaneta, Piotr, Grażyna, Ścibor, Bożena, Michał, Jędrzej",
		last:    "Wójcik, Żółkiewska, Dąbrowski, Kowalczyk, Nowak, Zieliński, Łukaszewicz, Gżegżółka, Brzęczyszczykiewicz, Źrebiec, Śliwiński, Ćwik, Piątkowski-Łęcki, Szczęsny, Jabłońska, Wałęsa",
	},
	"cz": {
		country: "CZ",
		first:   "Tomáš, Jiří, Božena, Zdeněk, Růžena, Šárka, Ľubomír, Žofia, Václav, Eliška, Ondřej, Kateřina",
		last:    "Dvořák, Novotný, Růžička, Šťastný, Řehoř, Čapková, Ďuriš, Třešňák, Ľupták, Hřebíček, Žižka, Svěrák",
	},
	"hu": {
		country: "HU", familyFirst: true,
		first: "László, Ágnes, Győző, Zsuzsanna, Ödön, Erzsébet, Jenő, Tünde, Örs, Kinga",
		last:  "Szűcs, Erdős, Kőműves, Nagy-Bandó, Kovács, Tóth, Ördögh, Győrffy, Szabó, Vörös",
	},
	"tr": {
		country: "TR",
		first:   "Elif, Çağrı, İbrahim, Gülşen, Şükrü, Işıl, Oğuz, Ümit, Ayşe, Doğan, İpek, Tuğçe",
		last:    "Yıldırım, Şahin, Öztürk, Çelik, Ağaoğlu, Güneş, Işık, İnönü, Küçük, Türkoğlu, Yücel, Kılıç",
	},
	"ru": {
		country: "UA",
		first:   "Олександр=oleksandr, Ганна=hanna, Дмитро=dmytro, Світлана=svitlana, Іван=ivan, Оксана=oksana, Юрій=yurii, Єлизавета=yelyzaveta, Богдан=bohdan, Любов=liubov",
		last:    "Шевченко=shevchenko, Петренко=petrenko, Ковальчук=kovalchuk, Бондаренко=bondarenko, Щербак=shcherbak, Їжакевич=yizhakevych, Гончар=honchar, Лисенко=lysenko, Ярошенко=yaroshenko, Жук=zhuk",
	},
	"gr": {
		country: "GR",
		first:   "Αλέξανδρος=alexandros, Ελένη=eleni, Γιώργος=giorgos, Μαρία=maria, Σπύρος=spyros, Χρυσούλα=chrysoula, Οδυσσέας=odysseas, Κωνσταντίνα=konstantina",
		last:    "Παπαδόπουλος=papadopoulos, Οικονόμου=oikonomou, Βασιλείου=vasileiou, Θεοδωράκης=theodorakis, Καραγιάννη=karagianni, Ξενάκης=xenakis, Μητσοτάκη=mitsotaki, Σαμαράς=samaras",
	},
	"ar": {
		country: "AE",
		first:   "عائشة=aisha, فهد بن عبد العزيز=fahd.abdulaziz, مريم=maryam, أحمد=ahmed, خالد=khalid, نورة=noura, يوسف=youssef, فاطمة=fatima, عبد الرحمن=abdulrahman, ليلى=layla, سعيد=saeed, هدى=huda",
		last:    "الهاشمي=alhashimi, السبيعي=alsubaie, الزهراني=alzahrani, الفارسي=alfarsi, المنصوري=almansoori, القحطاني=alqahtani, بن راشد=binrashid, العتيبي=alotaibi, الشامسي=alshamsi, حداد=haddad, النجار=alnajjar, المرزوقي=almarzooqi",
	},
	"he": {
		country: "IL",
		first:   "נועה=noa, יוסף=yosef, תמר=tamar, אברהם=avraham, שירה=shira, משה=moshe, יעל=yael, דוד=david, רחל=rachel, איתן=eitan",
		last:    "כהן=cohen, לוי=levy, מזרחי=mizrahi, פרידמן=friedman, אוחיון=ohayon, ביטון=biton, שפירא=shapira, אברג'יל=abergil, גולדשטיין=goldstein, צדוק=tzadok",
	},
	"in": {
		country: "IN",
		first:   "Priya, Arjun, Lakshmi, Venkata Subramanian, Ananya, Rajesh, Deepika, Karthik, Gurpreet, Sunita, Aarav, Meenakshi",
		last:    "Nair, Iyer, Venkataraghavan, Singh, Bhattacharyya, Krishnamurthy, Patel, Mukhopadhyay, Reddy, Chaudhary, Ramachandran, Das",
	},
	"vn": {
		country: "VN", familyFirst: true,
		first: "Thị Thanh Hương, Minh Đức, Văn Hùng, Thùy Linh, Quốc Việt, Thị Mỹ Hạnh, Đình Trọng, Ngọc Ánh, Tuấn Kiệt, Phương Thảo",
		last:  "Bùi, Lê, Nguyễn, Trần, Phạm, Đặng, Võ, Hoàng, Đỗ, Ngô",
	},
	"jp": {
		country: "JP", familyFirst: true,
		first: "さくら=sakura, 健一郎=kenichiro, 美咲=misaki, 翔太=shota, 陽子=yoko, 大輔=daisuke, 結衣=yui, 拓海=takumi, 真由美=mayumi, 一=hajime, 亮=ryo, 千代=chiyo, 悠斗=yuto, ひかり=hikari",
		last:  "萩原=hagiwara, 加藤=kato, 斎藤=saito, 齋藤=saitou, 髙橋=takahashi, 佐々木=sasaki, 山﨑=yamazaki, 渡邉=watanabe, 小鳥遊=takanashi, 鈴木=suzuki, 田中=tanaka, 長谷川=hasegawa, 伊集院=ijuin, 森=mori",
	},
	"cn": {
		country: "CN", familyFirst: true, noSpace: true,
		first: "伟=wei, 秀英=xiuying, 娜=na, 建国=jianguo, 雪梅=xuemei, 子涵=zihan, 志强=zhiqiang, 丽华=lihua, 浩然=haoran, 晓明=xiaoming, 芳=fang, 宇轩=yuxuan",
		last:  "王=wang, 李=li, 张=zhang, 刘=liu, 陈=chen, 欧阳=ouyang, 司马=sima, 赵=zhao, 黄=huang, 诸葛=zhuge, 吕=lyu, 周=zhou",
	},
	"kr": {
		country: "KR", familyFirst: true, noSpace: true,
		first: "민준=minjun, 서연=seoyeon, 지훈=jihoon, 하은=haeun, 도윤=doyoon, 수빈=subin, 현우=hyunwoo, 은지=eunji",
		last:  "김=kim, 이=yi, 박=park, 최=choi, 정=jung, 강=kang, 남궁=namgung, 황보=hwangbo",
	},
}

// name is one part of a person's name, as written and as in an address.
type name struct{ text, slug string }

// pool is a culture ready to be drawn from.
type pool struct {
	culture
	first, last []name
	// Strides that are coprime to the lengths walk the names in no visible
	// order and meet every pair once.
	firstStride, lastStride, shift int
}

var pools = sync.OnceValue(func() map[string]*pool {
	made := make(map[string]*pool, len(cultures))
	for key, c := range cultures {
		p := &pool{culture: c, first: splitNames(c.first), last: splitNames(c.last)}
		p.firstStride = coprime(len(p.first), 7)
		p.lastStride = coprime(len(p.last), 5)
		p.shift = coprime(len(p.last), 3)
		made[key] = p
	}
	return made
})

func splitNames(list string) []name {
	var names []name
	for entry := range strings.SplitSeq(list, ", ") {
		text, slug, given := strings.Cut(entry, "=")
		if !given {
			slug = slugOf(text)
		}
		names = append(names, name{text, slug})
	}
	return names
}

// pair gives the n-th pair of names: every n below size is another pair.
func (p *pool) pair(n int) (first, last name) {
	f := n * p.firstStride % len(p.first)
	l := (n/len(p.first)*p.lastStride + f*p.shift) % len(p.last)
	return p.first[f], p.last[l]
}

func (p *pool) size() int { return len(p.first) * len(p.last) }

// coprime is the smallest number from at on that shares no factor with n.
func coprime(n, at int) int {
	for gcd(n, at) != 1 {
		at++
	}
	return at
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// noMark replaces letters that have no decomposition into a letter and a mark.
var noMark = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i", " ", ".", "'", "", "’", "")

// slugOf writes a Latin name the way it stands in an address.
func slugOf(text string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
	return noMark.Replace(plain)
}
