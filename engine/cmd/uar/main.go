// Command uar writes reports of chest X-rays, and measures and inspects the
// model that does.
package main

import (
	"uarweb/engine/report"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

var program = command.Program{
	Name: "uar",
	Commands: []command.Command{
		{Name: "report", Summary: "write the report of one or two X-rays", Run: runReport},
		{Name: "trace", Summary: "write what the model computes on the way as tensors", Run: runTrace},
		{Name: "eval", Summary: "score the model on a data set", Run: runEval},
		{Name: "compare", Summary: "measure a quantized model against its reference", Run: runCompare},
		{Name: "calibrate", Summary: "measure the layers' inputs and sensitivity, for weights quantize", Run: runCalibrate},
		{Name: "bench", Summary: "time the stages of a report", Run: runBench},
		{Name: "lesson", Summary: "write a lesson on an X-ray's report, on paper for a class", Run: runLesson},
		{Name: "phantom", Summary: "draw a synthetic chest X-ray", Run: runPhantom},
		{Name: "sweep", Summary: "see whether the model notices what is drawn in phantoms", Run: runSweep},
	},
	Notice: report.Disclaimer,
}

func main() { program.Main() }

// thisEngine names this program in what it writes.
func thisEngine() report.Engine {
	return report.Engine{Version: version.Version, Commit: version.Commit, SHA256: command.SHA256()}
}
