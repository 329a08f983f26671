#!/bin/sh
# Generates Go from the templates of this folder and those below, and leaves out the
# spaces that only lay a template out: they would be half of all nodes, which each
# render makes anew, and a twentieth of the page's program. Those before a vg-if or
# vg-for stay, as the space before what may be there.
set -eu
go tool vugugen -r -skip-go-mod -skip-main .
for f in *_gen.go */*_gen.go; do
	awk '
		{ line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++) {
				next_at = i + 2
				while (line[next_at] ~ /^[ \t]*$/ && next_at <= NR) next_at++
				if (line[i] ~ /VGNodeType\(1\), Data: "\\n(\\t)*"}$/ && line[next_at] !~ /^[ \t]*(if|for) /) i++
				else print line[i]
			}
		}' "$f" >"$f.new"
	mv "$f.new" "$f"
done
gofmt -w *_gen.go */*_gen.go
