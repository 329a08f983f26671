enable f16;

// The arithmetic of product.wgsl, which follows, where the GPU has f16 and a
// linear layer int8 weights: products and sums of a slab are f16, slabs are added
// up in f32. Weights count in 128ths, so that a slab's sum stays within f16 for inputs
// up to 4,000; what is beyond f16 becomes infinite, or its largest number.

alias factors = vec4<f16>;
const in_f16 = true;
const weight_unit = 0x1p-7;
