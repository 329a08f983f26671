package webgpu

// allPrograms are all that the backends of both variants may run.
func allPrograms() (all []program) {
	for name, s := range shaders {
		for _, v := range s.variants() {
			if !s.weights {
				all = append(all, program{shader: name, variant: v})
				continue
			}
			tiles := []tile{{}}
			if name == "product" {
				tiles = []tile{square, narrow}
			}
			for _, f := range formats {
				for _, t := range tiles {
					all = append(all, program{name, v, f, t})
				}
			}
		}
	}
	return all
}
