// Package kernels holds tests of a program that imports the SIMD kernels, which
// the tests of chromeexec and nodeexec run.
package kernels
