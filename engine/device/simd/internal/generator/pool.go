package generator

import "uarweb/engine/device/simd/internal/asm"

// The control block is kernel.ControlWords int32 in the shared memory, of which these
// are the bytes. The Go thread describes a job, sets remaining, and rings the
// bell; whoever claims a block, by decrementing remaining to 0 or more, finds a
// description that stays until that block is counted in done. So a thread that
// wakes late harms nothing: either it claims a block of the job of that
// moment, or there is none left.
const (
	controlBell      = 4 * iota // counts the jobs; idle threads sleep on it
	controlRemaining            // blocks not claimed; below 0 when threads look in vain
	controlDone                 // blocks finished; the Go thread sleeps on it
	controlBlocks               // blocks of the job
	controlKernel
	controlItems
	controlStep
	controlArgs
	controlEnd // 1 once the pool is to end
)

const (
	// spins is how often a thread looks for work, or for the others' end, before
	// it sleeps: some 20 µs, about what waking costs.
	spins = 20_000
	// patience is how long the Go thread waits for any block to be finished.
	// Blocks take milliseconds; a machine that was asleep gets a second chance,
	// then a thread is taken for lost.
	patience = 5_000_000_000 // ns
	chances  = 2
)

// run exports run for a memory of one thread.
func run(m *asm.Module) {
	f := m.FunctionI32("run", 5)
	f.CallTable(f.Param(0), asm.Const(0), f.Param(1), f.Param(3), asm.Const(0))
	f.Return(asm.Const(0))
}

// takeBlocks returns a function takeBlocks(control, worker) that does blocks
// until none remains.
func takeBlocks(m *asm.Module) *asm.Function {
	f := m.Function("", 2)
	control, worker := f.Param(0), f.Param(1)
	block, first, step := f.I32(), f.I32(), f.I32()
	claim := func() { block.Set(control.AtomicAdd(controlRemaining, asm.Const(-1)).Sub(asm.Const(1))) }
	claim()
	f.While(block.GeS(asm.Const(0)), func() {
		step.Set(control.Load(controlStep))
		first.Set(block.Mul(step))
		n := f.Variable(asm.MinU(step, control.Load(controlItems).Sub(first)))
		f.CallTable(control.Load(controlKernel), first, n, control.Load(controlArgs), worker)
		f.If(control.AtomicAdd(controlDone, asm.Const(1)).Add(asm.Const(1)).Eq(control.Load(controlBlocks)), func() {
			f.Do(control.AtomicNotify(controlDone, asm.Const(1)))
		}, nil)
		claim()
	})
	return f
}

// runShared exports run for a shared memory. It gives a thread up when no block
// was finished for patience, in ns, as often as there are chances.
func runShared(m *asm.Module, patience int64) {
	take := takeBlocks(m)
	f := m.FunctionI32("run", 5)
	kernel, n, step, args, control := f.Param(0), f.Param(1), f.Param(2), f.Param(3), f.Param(4)
	f.If(n.LeU(step), func() { // not worth waking anybody
		f.CallTable(kernel, asm.Const(0), n, args, asm.Const(0))
		f.Return(asm.Const(0))
	}, nil)
	blocks := f.Variable(n.Add(step).Sub(asm.Const(1)).DivU(step))
	control.Store(controlKernel, kernel)
	control.Store(controlItems, n)
	control.Store(controlStep, step)
	control.Store(controlArgs, args)
	control.Store(controlBlocks, blocks)
	control.AtomicStore(controlDone, asm.Const(0))
	control.AtomicStore(controlRemaining, blocks)
	ring(f, control)
	f.Call(take, control, asm.Const(0))

	done, before, left, late := f.I32(), f.I32(), f.I32(), f.I32()
	look := func() { done.Set(control.AtomicLoad(controlDone)) }
	look()
	spin(f, done.Ne(blocks), look)
	left.Set(asm.Const(chances))
	f.While(done.Ne(blocks), func() {
		before.Set(done)
		late.Set(control.AtomicWait(controlDone, before, patience).Eq(asm.Const(timedOut)))
		look()
		// Only the last block wakes: others may have been finished meanwhile. And the
		// thread that finished the job before may wake late, when no time is over.
		f.If(done.Ne(before), func() { left.Set(asm.Const(chances)) }, func() { left.Set(left.Sub(late)) })
		f.If(left.Eqz(), func() { f.Return(asm.Const(1)) }, nil)
	})
	f.Return(asm.Const(0))
}

// timedOut is AtomicWait's result when nobody woke it in time.
const timedOut = 2

// work exports work, the life of a pool's thread.
func work(m *asm.Module) {
	take := takeBlocks(m)
	f := m.Function("work", 2)
	control, worker := f.Param(0), f.Param(1)
	seen, bell := f.I32(), f.I32()
	look := func() { bell.Set(control.AtomicLoad(controlBell)) }
	look() // before it looks at the end, which is set before the bell rings for it
	f.While(control.AtomicLoad(controlEnd).Eqz(), func() {
		seen.Set(bell)
		f.Call(take, control, worker)
		look()
		spin(f, bell.Eq(seen), look)
		f.If(bell.Eq(seen), func() {
			f.Do(control.AtomicWait(controlBell, seen, -1))
			look()
		}, nil)
	})
}

// stop exports stop, which lets the pool's threads leave work.
func stop(m *asm.Module) {
	f := m.Function("stop", 1)
	control := f.Param(0)
	control.AtomicStore(controlEnd, asm.Const(1))
	ring(f, control)
}

// ring wakes the threads that sleep.
func ring(f *asm.Function, control asm.I32) {
	f.Do(control.AtomicAdd(controlBell, asm.Const(1)))
	f.Do(control.AtomicNotify(controlBell, asm.Const(-1)))
}

// spin looks again and again, but only so often, while the condition holds.
func spin(f *asm.Function, condition asm.I32, look func()) {
	n := f.Variable(asm.Const(spins))
	f.While(condition.And(n.Ne(asm.Const(0))), func() {
		look()
		n.Inc(-1)
	})
}
