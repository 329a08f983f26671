package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"uarweb/weights/cmd/command"
)

// scores is what a record takes of the JSON of uar eval.
type scores struct {
	Studies  int
	Split    string
	Findings struct {
		Labels []struct {
			Label                      string
			Positives, Predicted, Both int
		}
	}
}

// record says of each finding how often a model was right (weights/README.md).
type record struct {
	Studies  int                 `json:"studies"`
	Split    string              `json:"split"`
	Findings map[string]outcomes `json:"findings"`
}

// outcomes counts studies: reports and references that name a finding, reports
// alone, references alone, and neither.
type outcomes struct {
	TP int `json:"tp"`
	FP int `json:"fp"`
	FN int `json:"fn"`
	TN int `json:"tn"`
}

// recorded is a card with the record of a file that uar eval wrote.
func recorded(card, file string) (string, error) {
	text, err := command.ReadText(file, maxJSON)
	if err != nil {
		return "", err
	}
	r, err := readRecord(text)
	if err != nil {
		return "", command.BadInput(fmt.Errorf("%s: %w", file, err))
	}
	entries := map[string]any{}
	if card != "" {
		if err := json.Unmarshal([]byte(card), &entries); err != nil {
			return "", command.BadInput(fmt.Errorf("uar.card: %w", err))
		}
	}
	entries["record"] = r
	whole, err := json.Marshal(entries)
	return string(whole), err
}

func readRecord(text []byte) (record, error) {
	var s scores
	if err := json.Unmarshal(text, &s); err != nil {
		return record{}, err
	}
	if len(s.Findings.Labels) == 0 {
		return record{}, errors.New("no findings, the JSON of uar eval is wanted")
	}
	r := record{Studies: s.Studies, Split: s.Split, Findings: map[string]outcomes{}}
	for _, l := range s.Findings.Labels {
		o := outcomes{TP: l.Both, FP: l.Predicted - l.Both, FN: l.Positives - l.Both}
		o.TN = s.Studies - o.TP - o.FP - o.FN
		if min(o.TP, o.FP, o.FN, o.TN) < 0 {
			return record{}, fmt.Errorf("the counts of %q do not add up", l.Label)
		}
		r.Findings[l.Label] = o
	}
	return r, nil
}
