package generator

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

// The kernels of the pool's tests.
const (
	// tally adds 1 to the word at args + 4·item.
	tally = iota
	// hold keeps the threads of the pool until the second word of args is set,
	// and the Go thread until one of them is held, which sets the first.
	hold
	// stagger has as many threads as the second word of args says, an item each,
	// wait for each other, counted in the first; then thread i takes i naps.
	stagger
)

// pool is a shared memory and the threads that work on it.
type pool struct {
	*testing.T
	bytes            []byte
	runtime          wazero.Runtime
	module           wazero.CompiledModule
	runner, releaser api.Function
	threads          sync.WaitGroup
	started          int
}

const (
	testControl = 64
	testArgs    = 1024
)

func newPool(t *testing.T, patience, nap time.Duration) *pool {
	m := &asm.Module{Shared: true}
	f := m.Function("tally", 4)
	p := f.Variable(f.Param(2).Add(f.Param(0).Shl(2)))
	f.While(f.Param(1), func() {
		f.Do(p.AtomicAdd(0, asm.Const(1)))
		p.Inc(4)
		f.Param(1).Inc(-1)
	})
	g := m.Function("hold", 4)
	args := g.Param(2)
	const held, released = 0, 4
	set := func(f *asm.Function, args asm.I32, word int) {
		args.AtomicStore(word, asm.Const(1))
		f.Do(args.AtomicNotify(word, asm.Const(-1)))
	}
	wait := func(word int) {
		g.While(args.AtomicLoad(word).Eqz(), func() { g.Do(args.AtomicWait(word, asm.Const(0), -1)) })
	}
	g.If(g.Param(3), func() {
		set(g, args, held)
		wait(released)
	}, func() { wait(held) })
	release := m.Function("release", 1)
	set(release, release.Param(0), released)
	s := m.Function("stagger", 4)
	gate, naps := s.Param(2), s.Param(3)
	s.Do(gate.AtomicAdd(0, asm.Const(1)))
	sleep := func(d time.Duration) { s.Do(gate.AtomicWait(8, asm.Const(0), d.Nanoseconds())) }
	s.While(gate.AtomicLoad(0).Ne(gate.AtomicLoad(4)), func() { sleep(time.Millisecond) })
	s.While(naps, func() {
		sleep(nap)
		naps.Inc(-1)
	})
	m.Table(f, g, s)
	runShared(m, patience.Nanoseconds())
	work(m)
	stop(m)

	ctx := context.Background()
	q := &pool{T: t, runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesThreads))}
	env, err := q.runtime.InstantiateWithConfig(ctx, asm.Memory(1, 1, true), wazero.NewModuleConfig().WithName("env"))
	require.NoError(t, err)
	q.bytes, _ = env.Memory().Read(0, env.Memory().Size())
	q.module, err = q.runtime.CompileModule(ctx, m.Bytes())
	require.NoError(t, err)
	q.runner, q.releaser = q.instance().ExportedFunction("run"), q.instance().ExportedFunction("release")
	t.Cleanup(func() {
		_, err := q.instance().ExportedFunction("stop").Call(ctx, testControl)
		require.NoError(t, err)
		q.threads.Wait()
		_ = q.runtime.Close(ctx)
	})
	return q
}

func (p *pool) instance() api.Module {
	p.Helper()
	i, err := p.runtime.InstantiateModule(context.Background(), p.module, wazero.NewModuleConfig().WithName(""))
	require.NoError(p, err)
	return i
}

// join starts one more thread.
func (p *pool) join() {
	p.started++
	work, number := p.instance().ExportedFunction("work"), uint64(p.started)
	p.threads.Go(func() { _, _ = work.Call(context.Background(), testControl, number) })
}

func (p *pool) run(kernel, n, step int) uint64 {
	p.Helper()
	result, err := p.runner.Call(context.Background(), uint64(kernel), uint64(n), uint64(step), testArgs, testControl)
	require.NoError(p, err)
	return result[0]
}

// requireTally runs a job and requires that each item is done once, and when
// run returns.
func (p *pool) requireTally(n, step int) {
	p.Helper()
	words := p.bytes[testArgs:][:4*n+4]
	clear(words)
	require.Zero(p, p.run(tally, n, step))
	for i := range n {
		require.Equal(p, uint32(1), binary.LittleEndian.Uint32(words[4*i:]), "item %d of %d in blocks of %d", i, n, step)
	}
	require.Zero(p, binary.LittleEndian.Uint32(words[4*n:]))
}

// Threads join while jobs of all sizes follow each other, with pauses in which
// they fall asleep.
func TestPool(t *testing.T) {
	p := newPool(t, time.Minute, 0)
	random := rand.New(rand.NewPCG(1, 2))
	for job := range 20_000 {
		if job%4000 == 1000 {
			p.join()
		}
		if job%500 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		p.requireTally(random.IntN(300), 1+random.IntN(40))
	}
}

// A thread that takes its time is waited for.
func TestPoolWaits(t *testing.T) {
	p := newPool(t, time.Minute, 0)
	p.join()
	clear(p.bytes[testArgs:][:8])
	const slow = 50 * time.Millisecond
	before := time.Now()
	time.AfterFunc(slow, p.release)
	require.Zero(t, p.run(hold, 2, 1))
	require.GreaterOrEqual(t, time.Since(before), slow)
	p.requireTally(100, 7)
}

// As long as blocks are finished, those that take longer than patience are
// waited for.
func TestPoolIsPatient(t *testing.T) {
	const threads, patience = 5, 200 * time.Millisecond
	p := newPool(t, patience, patience*3/4)
	for range threads - 1 {
		p.join()
	}
	clear(p.bytes[testArgs:][:12])
	binary.LittleEndian.PutUint32(p.bytes[testArgs+4:], threads)
	before := time.Now()
	require.Zero(t, p.run(stagger, threads, 1))
	require.Greater(t, time.Since(before), chances*patience)
}

// A thread leaves work whenever stop comes.
func TestPoolEnds(t *testing.T) {
	p := newPool(t, time.Minute, 0)
	stop := p.instance().ExportedFunction("stop")
	for i := range 2000 {
		clear(p.bytes[testControl:][:4*kernel.ControlWords])
		p.join()
		time.Sleep(time.Duration(i%50) * time.Microsecond)
		_, err := stop.Call(context.Background(), testControl)
		require.NoError(t, err)
		p.threads.Wait()
	}
}

// A thread that never comes back is given up.
func TestPoolLosesAThread(t *testing.T) {
	p := newPool(t, 50*time.Millisecond, 0)
	p.join()
	clear(p.bytes[testArgs:][:8])
	require.Equal(t, uint64(1), p.run(hold, 2, 1))
	p.release() // so that it ends
}

// release lets the threads that hold holds go.
func (p *pool) release() {
	_, err := p.releaser.Call(context.Background(), testArgs)
	assert.NoError(p, err) // on any goroutine
}
