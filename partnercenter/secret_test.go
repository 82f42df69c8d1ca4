package partnercenter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	const text = "hunter2"
	secret := NewSecret(text)
	holder := struct {
		Name  string
		Token Secret
		Ptr   *Secret
		own   Secret // fmt does not call the methods of unexported fields
	}{"x", secret, &secret, secret}

	printed := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s", "%08b", "%c", "%U", "%e"} {
		printed["Secret "+verb] = fmt.Sprintf(verb, secret)
		printed["*Secret "+verb] = fmt.Sprintf(verb, &secret)
		printed["struct "+verb] = fmt.Sprintf(verb, holder)
		printed["slice "+verb] = fmt.Sprintf(verb, []Secret{secret})
		printed["map "+verb] = fmt.Sprintf(verb, map[string]Secret{"k": secret})
	}
	printed["Sprint"] = fmt.Sprint(secret, holder)
	printed["error"] = fmt.Errorf("refused: %w %v", fmt.Errorf("x"), secret).Error()
	for name, v := range map[string]any{"JSON": secret, "JSON struct": holder, "JSON map": map[string]any{"a": secret}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		printed[name] = string(b)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		log := slog.New(handler(&b))
		log.Info("x", "secret", secret, "pointer", &secret, "holder", holder, "list", []Secret{secret}, slog.Any("any", secret))
		printed[name] = b.String()
	}

	for name, got := range printed {
		for _, leak := range []string{text, strings.ToUpper(text), fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), "104 117"} {
			if strings.Contains(got, leak) {
				t.Errorf("%s prints %q", name, got)
			}
		}
		if strings.HasPrefix(name, "Secret") && got != "[redacted]" {
			t.Errorf("%s prints %q, want [redacted]", name, got)
		}
	}
	if secret.Reveal() != text || secret.Empty() || !(Secret{}).Empty() {
		t.Error("Reveal or Empty is wrong")
	}
}
