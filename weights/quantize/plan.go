package quantize

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"uarweb/weights"
	"uarweb/weights/tensor"
)

// DefaultBudget is the most a quantized checkpoint should take, as a share of
// its size with 2 bytes a parameter.
const DefaultBudget = 0.60

// DefaultBytes are the patterns of the matrices of CRA, encoder, decoder and head,
// but for the keys of the words' attention to the image: their activations do with
// 8 bits. By them the log-probability of a word of the shipped model moves by
// 0.0006 in the mean (16 training studies of IU, all 16 reports the same; by 0.016
// of one word in a hundred), and the weight of its attention that moves most by
// 0.005, where those keys would make it 0.014. The dVAE's do not everywhere.
var DefaultBytes = []string{
	"cra.*", "encoder.*", "decoder.*.self_attention.*", "decoder.*.cross_attention.[oqv]*", "decoder.*.feed_forward.*", "head.*",
}

// Options of NewPlan. Precision is tensor.I8 or tensor.U8.
type Options struct {
	Precision   tensor.Format
	Budget      float64      // share of 2 bytes a parameter; 0 means DefaultBudget
	KeepF16     []string     // patterns (path.Match) of tensors kept in F16 whatever the budget
	Int4        []string     // patterns of other tensors, rounded to U8 whatever the precision
	Bytes       []string     // patterns of those whose activations do with 8 bits (weights.BytesKey)
	Calibration *Calibration // may be nil
}

// Choice is the format of one tensor.
type Choice struct {
	Name        string        `json:"name"`
	Shape       []int         `json:"shape"`
	Format      tensor.Format `json:"format"`
	Bytes       int64         `json:"bytes"`                 // with scales
	Sensitivity *float64      `json:"sensitivity,omitempty"` // nil if not measured
	Stats       *Stats        `json:"error,omitempty"`       // nil until applied, and for what is not rounded
}

// Plan is the format of every tensor of a checkpoint, by name.
//
// Biases, norms, the TIR's weights and CRA's gain and bias stay floating point:
// F16, but for the biases of the dVAE, which are few and decide close tokens. Of
// a 4-bit plan the dVAE is int8, since the tokenizer's two best codes often lie
// close, and so is what 4-bit cannot hold.
//
// Then tensors of the dVAE are kept in F16, the largest sensitivity per byte
// first, as long as the file stays within the budget.
type Plan struct {
	Choices     []Choice
	bytes       []string
	calibration *Calibration
}

// NewPlan chooses a format for every tensor of c. An Int4 pattern that names what
// must stay floating point is an error. It panics if the precision is neither I8
// nor U8.
func NewPlan(c *weights.Checkpoint, o Options) (*Plan, error) {
	if o.Precision != tensor.I8 && o.Precision != tensor.U8 {
		panic("quantize: the precision must be I8 or U8")
	}
	for _, pattern := range slices.Concat(o.KeepF16, o.Int4, o.Bytes) {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("quantize: pattern %q: %w", pattern, err)
		}
	}
	p := &Plan{bytes: o.Bytes, calibration: o.Calibration}
	metadata, err := json.Marshal(p.metadata(c))
	if err != nil {
		return nil, fmt.Errorf("quantize: %w", err)
	}
	size := int64(len(metadata)) + 64 // length, key and padding
	for _, name := range c.Names() {
		t, err := c.Tensor(name)
		if err != nil {
			return nil, fmt.Errorf("quantize: %w", err)
		}
		format, err := o.format(t)
		if err != nil {
			return nil, fmt.Errorf("quantize: %w", err)
		}
		choice := Choice{Name: name, Shape: t.Shape, Format: format}
		choice.Bytes = stored(t, choice.Format)
		if o.Calibration != nil {
			if s, ok := o.Calibration.Sensitivity[name]; ok {
				choice.Sensitivity = &s
			}
		}
		p.Choices = append(p.Choices, choice)
		size += choice.Bytes + headerBytes(choice, 4*c.Parameters())
	}
	budget := cmp.Or(o.Budget, DefaultBudget) * 2 * float64(c.Parameters())
	p.promote(int64(budget) - size)
	return p, nil
}

// promote keeps sensitive tensors of the dVAE in F16 while they fit into room
// bytes.
func (p *Plan) promote(room int64) {
	type candidate struct {
		choice *Choice
		extra  int64
		gain   float64
	}
	var candidates []candidate
	for i := range p.Choices {
		c := &p.Choices[i]
		if !isDVAE(c.Name) || c.Format != tensor.I8 || c.Sensitivity == nil || *c.Sensitivity == 0 {
			continue
		}
		extra := 2*elements(c.Shape) - c.Bytes
		candidates = append(candidates, candidate{c, extra, *c.Sensitivity / float64(max(1, extra))})
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.gain, a.gain) })
	for _, c := range candidates {
		if c.extra <= room {
			c.choice.Format, c.choice.Bytes = tensor.F16, c.choice.Bytes+c.extra
			room -= c.extra
		}
	}
}

func isDVAE(name string) bool { return strings.HasPrefix(name, "dvae.") }

// format is the format of a tensor before the budget is looked at, or the error
// of an Int4 pattern that names what must stay floating point.
func (o Options) format(t tensor.Tensor) (tensor.Format, error) {
	matches := func(pattern string) bool { ok, _ := path.Match(pattern, t.Name); return ok }
	if slices.ContainsFunc(o.KeepF16, matches) {
		return tensor.F16, nil
	}
	four := slices.IndexFunc(o.Int4, matches)
	switch {
	case four >= 0 && staysFloat(t):
		return "", fmt.Errorf("pattern %q: %s must stay floating point", o.Int4[four], t.Name)
	case four >= 0:
		return tensor.U8, nil
	case len(t.Shape) < 2 && isDVAE(t.Name):
		return tensor.F32, nil
	case staysFloat(t):
		return tensor.F16, nil
	case o.Precision == tensor.U8 && !isDVAE(t.Name) && fits4Bit(t.Shape):
		return tensor.U8, nil
	}
	return tensor.I8, nil
}

// staysFloat says whether the file format keeps a tensor in floating point;
// vectors are biases and norms.
func staysFloat(t tensor.Tensor) bool {
	return len(t.Shape) < 2 || strings.Contains(t.Name, ".tir.") || t.Name == "cra.gain" || t.Name == "cra.bias"
}

func fits4Bit(shape []int) bool {
	return elements(shape)/int64(shape[0])%tensor.GroupSize == 0 &&
		(len(shape) == 2 || len(shape) == 4 && shape[2] == 1 && shape[3] == 1)
}

func elements(shape []int) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	return n
}

// stored is the size of a tensor in a format, with its scales.
func stored(t tensor.Tensor, format tensor.Format) int64 {
	n := elements(t.Shape)
	switch format {
	case tensor.F32:
		return 4 * n
	case tensor.I8:
		return n + 4*int64(t.Rows())
	case tensor.U8:
		return n/2 + n/tensor.GroupSize*2
	}
	return 2 * n
}

// headerBytes is the most a tensor and its scales take in the header of a file
// of at most end bytes.
func headerBytes(c Choice, end int64) int64 {
	member := func(name string, format tensor.Format, shape []int) int64 {
		list := strings.ReplaceAll(fmt.Sprint(shape), " ", ",")
		return int64(len(fmt.Sprintf(`%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]},`, name, format, list, end, end)))
	}
	n := member(c.Name, c.Format, c.Shape)
	if c.Format == tensor.I8 || c.Format == tensor.U8 {
		n += member(c.Name+weights.ScaleSuffix, tensor.F32, c.Shape)
	}
	return n
}

// Apply rounds the tensors of the checkpoint the plan was made for and fills in
// the choices' Stats. It stops after the tensor in hand, with ctx's error, once
// ctx is cancelled. progress, which may be nil, is told how many tensors are done.
func (p *Plan) Apply(ctx context.Context, c *weights.Checkpoint, progress func(done, total int)) (*weights.Checkpoint, error) {
	var tensors []tensor.Tensor
	for i := range p.Choices {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		choice := &p.Choices[i]
		t, err := c.Tensor(choice.Name)
		if err != nil {
			return nil, fmt.Errorf("quantize: %w", err)
		}
		q, stats, err := Round(t, choice.Format, p.calibration)
		if err != nil {
			return nil, err
		}
		choice.Stats = stats
		tensors = append(tensors, q)
		if progress != nil {
			progress(i+1, len(p.Choices))
		}
	}
	return weights.Build(p.metadata(c), tensors)
}

// metadata is that of c, which also says what does with 8 bits.
func (p *Plan) metadata(c *weights.Checkpoint) map[string]string {
	metadata := map[string]string{}
	maps.Copy(metadata, c.Metadata)
	weights.SetBytes(metadata, p.bytes)
	return metadata
}

// Round converts a tensor to a format, with the Gram matrix of its inputs if k,
// which may be nil, has it, and says what that did; nil if nothing.
func Round(t tensor.Tensor, format tensor.Format, k *Calibration) (tensor.Tensor, *Stats, error) {
	if t.Format == format {
		return t, nil, nil
	}
	gram, err := k.Gram(t.Name)
	if err != nil {
		return tensor.Tensor{}, nil, err
	}
	var q tensor.Tensor
	switch format {
	case tensor.I8:
		q, err = Int8(t, gram)
	case tensor.U8:
		q, err = Int4(t, gram)
	case tensor.F16:
		q, err = F16(t)
	case tensor.F32:
		var values []float32
		if values, err = t.Floats(); err == nil {
			return tensor.FromFloats(t.Name, t.Shape, values), nil, nil
		}
	default:
		panic("quantize: no format to round to")
	}
	if err != nil {
		return tensor.Tensor{}, nil, err
	}
	stats, err := Error(t, q, gram)
	return q, &stats, err
}
