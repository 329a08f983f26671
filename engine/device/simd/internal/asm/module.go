package asm

// Function is a function under construction: statements append to its body. Its
// parameters are I32.
type Function struct {
	name    string
	index   int
	params  int
	results int
	locals  []byte
	body    []byte
}

func (f *Function) emit(c code) {
	if c.function != nil && c.function != f {
		panic("asm: statement of another function")
	}
	f.body = append(f.body, c.bytes...)
}

func (f *Function) get(index int) code {
	return code{bytes: join([]byte{0x20}, unsigned(uint32(index))), function: f, variable: index + 1}
}

func (f *Function) local(t byte) code {
	f.locals = append(f.locals, t)
	return f.get(f.params + len(f.locals) - 1)
}

// Param is parameter i, a variable.
func (f *Function) Param(i int) I32 {
	if i < 0 || i >= f.params {
		panic("asm: no such parameter")
	}
	return I32{f.get(i)}
}

// New variables, 0 at first.
func (f *Function) I32() I32     { return I32{f.local(typeI32)} }
func (f *Function) F32() F32     { return F32{f.local(typeF32)} }
func (f *Function) I8x16() I8x16 { return I8x16{f.local(typeV128)} }
func (f *Function) I16x8() I16x8 { return I16x8{f.local(typeV128)} }
func (f *Function) I32x4() I32x4 { return I32x4{f.local(typeV128)} }
func (f *Function) F32x4() F32x4 { return F32x4{f.local(typeV128)} }

// Variable is a new variable with a value.
func (f *Function) Variable(x I32) I32 {
	v := f.I32()
	v.Set(x)
	return v
}

// VariableF32 and VariableF32x4 are Variable for other types.
func (f *Function) VariableF32(x F32) F32 {
	v := f.F32()
	v.Set(x)
	return v
}

func (f *Function) VariableF32x4(x F32x4) F32x4 {
	v := f.F32x4()
	v.Set(x)
	return v
}

const (
	opBlock  = 0x02
	opLoop   = 0x03
	opIf     = 0x04
	opElse   = 0x05
	opEnd    = 0x0b
	opBranch = 0x0d
	opVoid   = 0x40
)

func (f *Function) write(b ...byte) { f.body = append(f.body, b...) }

// If runs then if condition is not 0, else otherwise (which may be nil).
func (f *Function) If(condition I32, then, otherwise func()) {
	f.emit(op([]byte{opIf, opVoid}, condition.code))
	then()
	if otherwise != nil {
		f.write(opElse)
		otherwise()
	}
	f.write(opEnd)
}

// While runs body as long as condition, which is tested before the first time
// and after each, is not 0.
func (f *Function) While(condition I32, body func()) {
	f.If(condition, func() { f.Repeat(func() I32 { body(); return condition }) }, nil)
}

// Repeat runs body at least once, and again as long as the condition it
// returns is not 0.
func (f *Function) Repeat(body func() I32) {
	f.write(opLoop, opVoid)
	again := body()
	f.emit(op([]byte{opBranch, 0}, again.code))
	f.write(opEnd)
}

// Return leaves a function that has a result.
func (f *Function) Return(x I32) {
	if f.results == 0 {
		panic("asm: return does not fit the function")
	}
	f.emit(op([]byte{0x0f}, x.code))
}

// Do runs an expression for its effect.
func (f *Function) Do(x I32) { f.emit(op([]byte{0x1a}, x.code)) }

// Call calls a function that has no result.
func (f *Function) Call(g *Function, arguments ...I32) {
	if len(arguments) != g.params || g.results != 0 {
		panic("asm: call does not fit the function")
	}
	for _, a := range arguments {
		f.emit(a.code)
	}
	f.write(join([]byte{0x10}, unsigned(uint32(g.index)))...)
}

// CallTable calls the function of the module's table whose index is number;
// all of them have as many parameters as there are arguments, and no result.
func (f *Function) CallTable(number I32, arguments ...I32) {
	if len(arguments) > maxParams {
		panic("asm: too many parameters")
	}
	for _, a := range arguments {
		f.emit(a.code)
	}
	f.emit(op(join([]byte{0x11}, unsigned(typeIndex(len(arguments), 0)), []byte{0}), number.code))
}

// Module collects functions that work on one imported memory.
type Module struct {
	// Shared says that the memory is shared among threads.
	Shared bool

	functions []*Function
	table     []*Function
}

// Function adds an exported function of so many parameters and no result; a
// name of "" is not exported.
func (m *Module) Function(name string, params int) *Function { return m.add(name, params, 0) }

// FunctionI32 adds a function whose result is an I32; its body ends with
// Return.
func (m *Module) FunctionI32(name string, params int) *Function { return m.add(name, params, 1) }

func (m *Module) add(name string, params, results int) *Function {
	if params > maxParams {
		panic("asm: too many parameters")
	}
	f := &Function{name: name, index: len(m.functions), params: params, results: results}
	m.functions = append(m.functions, f)
	return f
}

// Table puts functions in the table of CallTable, from index 0 on.
func (m *Module) Table(functions ...*Function) { m.table = functions }

// maxParams bounds a function's parameters. All types that may be needed are
// declared: those without a result first.
const maxParams = 12

func typeIndex(params, results int) uint32 { return uint32(results*(maxParams+1) + params) }

func vector(items ...[]byte) []byte {
	return join(append([][]byte{unsigned(uint32(len(items)))}, items...)...)
}

func section(id byte, content []byte) []byte {
	return join([]byte{id}, unsigned(uint32(len(content))), content)
}

func text(s string) []byte { return join(unsigned(uint32(len(s))), []byte(s)) }

// maxPages is 4 GiB, all that 32-bit addresses reach.
const maxPages = 65536

// Bytes encodes the module. Its memory is imported as env.memory.
func (m *Module) Bytes() []byte {
	var types, functions, exports, bodies [][]byte
	for results := range 2 {
		for params := range maxParams + 1 {
			t := join([]byte{0x60}, unsigned(uint32(params)))
			for range params {
				t = append(t, typeI32)
			}
			t = append(t, byte(results))
			for range results {
				t = append(t, typeI32)
			}
			types = append(types, t)
		}
	}
	for _, f := range m.functions {
		functions = append(functions, unsigned(typeIndex(f.params, f.results)))
		if f.name != "" {
			exports = append(exports, join(text(f.name), []byte{0}, unsigned(uint32(f.index))))
		}
		locals := vector()
		if len(f.locals) > 0 {
			var groups [][]byte
			for _, t := range f.locals {
				groups = append(groups, []byte{1, t})
			}
			locals = vector(groups...)
		}
		body := join(locals, f.body)
		if f.results > 0 {
			body = append(body, 0x00) // unreachable: the body ends with Return
		}
		body = append(body, opEnd)
		bodies = append(bodies, join(unsigned(uint32(len(body))), body))
	}
	limits := []byte{0, 1}
	if m.Shared {
		limits = join([]byte{3, 1}, unsigned(maxPages))
	}
	sections := [][]byte{
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, vector(types...)),
		section(2, vector(join(text("env"), text("memory"), []byte{2}, limits))),
		section(3, vector(functions...)),
	}
	if len(m.table) > 0 {
		sections = append(sections, section(4, vector(join([]byte{0x70, 0}, unsigned(uint32(len(m.table)))))))
	}
	sections = append(sections, section(7, vector(exports...)))
	if len(m.table) > 0 {
		var indices [][]byte
		for _, f := range m.table {
			indices = append(indices, unsigned(uint32(f.index)))
		}
		sections = append(sections, section(9, vector(join([]byte{0, 0x41, 0, opEnd}, vector(indices...)))))
	}
	sections = append(sections, section(10, vector(bodies...)))
	return join(sections...)
}

// Memory is a module that has nothing but a memory of so many pages of 64 KiB,
// which may grow to max, and exports it as "memory".
func Memory(pages, max int, shared bool) []byte {
	flags := byte(1)
	if shared {
		flags = 3
	}
	limits := join([]byte{flags}, unsigned(uint32(pages)), unsigned(uint32(max)))
	return join([]byte("\x00asm\x01\x00\x00\x00"),
		section(5, vector(limits)),
		section(7, vector(join(text("memory"), []byte{2, 0}))))
}
