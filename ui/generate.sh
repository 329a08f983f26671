#!/bin/sh
# Generates Go from the templates of this folder and those below, and leaves out the
# spaces that only lay a template out: they would be half of all nodes, which each
# render makes anew, and a twentieth of the page's program. Those before a vg-if or
# vg-for stay, as the space before what may be there. Package node makes the nodes and says
# their texts in the reader's language, and attributes that are always the same are made once.
set -eu
go tool vugugen -r -skip-go-mod -skip-main .
node=$(go list ./node) # whatever the module is called (build.sh rename)
for f in *_gen.go */*_gen.go; do
	name=$(basename "$f" _gen.go | tr -d -)
	awk '
		{ line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++) {
				next_at = i + 2
				while (line[next_at] ~ /^[ \t]*$/ && next_at <= NR) next_at++
				if (line[i] ~ /VGNodeType\(1\), Data: "\\n(\\t)*"}$/ && line[next_at] !~ /^[ \t]*(if|for) /) i++
				else print line[i]
			}
		}' "$f" |
		awk -v name="$name" -v node="$node" '
		{ line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++) {
				s = line[i]
				if (s ~ /^import "github.com\/vugu\/vugu"$/) print "import \"" node "\""
				root = line[i + 1] ~ /^[ \t]*vgout\.Out = append\(vgout\.Out, vgn\)/
				if ((root || line[i + 1] ~ /^[ \t]*vgparent\.AppendChild\(vgn\)$/) && s ~ /^[ \t]*vgn = &vugu\.VGNode\{Type: vugu\.VGNodeType\(3\), /) {
					sub(/^[ \t]*vgn = &vugu\.VGNode\{Type: vugu\.VGNodeType\(3\), Namespace: /, "", s)
					at = index(s, ", Attr: ")
					head = substr(s, 1, at - 1)
					attributes = substr(s, at + 8)
					sub(/}[ \t]*$/, "", attributes)
					sub(/, Data: /, ", ", head)
					if (attributes ~ /\(nil\)$/) own = "nil"
					else {
						own = name "Attributes" ++n
						always = always "\t" own " = " attributes "\n"
					}
					if (root) print "vgn = node.Root(" head ", " own ")"
					else {
						print "vgn = node.Element(vgparent, " head ", " own ")"
						print "_ = vgn" # of an element with nothing in it there is nothing more to say
						i++
					}
				} else if (line[i + 1] ~ /^[ \t]*vgparent\.AppendChild\(vgn\)$/ && s ~ /^[ \t]*vgn = &vugu\.VGNode\{Type: vugu\.VGNodeType\(1\), Data: /) {
					sub(/^[ \t]*vgn = &vugu\.VGNode\{Type: vugu\.VGNodeType\(1\), Data: /, "", s)
					sub(/}[ \t]*$/, "", s)
					print "node.Text(vgparent, " s ")"
					i++
				} else if (s ~ /DOMEventHandlerSpecList = append\(/) {
					in_handler = 1
				} else if (in_handler && s ~ /^[ \t]*EventType:/) {
					sub(/^[ \t]*EventType:[ \t]*/, "node.On(vgn, ", s)
					print s
				} else if (in_handler && s ~ /^[ \t]*Func:/) {
					sub(/^[ \t]*Func:[ \t]*/, "", s)
					print s
				} else if (in_handler && s ~ /^[ \t]*\/\/ TODO: implement capture/) {
				} else if (in_handler && s ~ /^[ \t]*}\)$/) {
					print ")"
					in_handler = 0
				} else {
					if (s ~ /vgn\.SetInnerHTML\(vugu\.HTML\(".*"\)\)$/) {
						sub(/vgn\.SetInnerHTML\(vugu\.HTML\(/, "node.HTML(vgn, ", s)
						sub(/\)$/, "", s)
					}
					print s
				}
			}
			print "var _ = node.Element\n\nvar (\n" always ")"
		}' >"$f.new"
	mv "$f.new" "$f"
done
gofmt -w *_gen.go */*_gen.go
