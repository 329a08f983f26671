// The arithmetic of product.wgsl, which follows: f32 throughout.

alias factors = vec4f;
const in_f16 = false;
const weight_unit = 1.0;
