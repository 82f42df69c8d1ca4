#!/bin/bash
# curl-jq.sh: all users to CSV by one curl and one jq a page.
set -euo pipefail
columns='["id","userPrincipalName","displayName","firstName","lastName","phoneNumber","usageLocation","immutableId","userDomainType","state","lastDirectorySyncTime","softDeletionTime"]'
jq -nr "$columns | @csv"
uri="/customers/$CUSTOMER/users?size=500" token=
while [ "$uri" != - ]; do
	exec 3< <(curl -sSf -H "Authorization: Bearer $TOKEN" -H 'Accept: application/json' ${token:+-H "MS-ContinuationToken: $token"} "$BASE/v1$uri" |
		jq -r '(.links.next.uri // "-"), (.links.next.headers[0].value // ""),
			(.items[] | . as $user | ['"$columns"'[] | $user[.] // "" | if test("^\\s*[=+@＝＋－＠-]") then "'"'"'" + . else . end] | @csv)')
	read -r uri <&3
	read -r token <&3 || true
	cat <&3
	exec 3<&-
	wait
done
