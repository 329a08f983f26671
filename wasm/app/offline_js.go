package app

import (
	"encoding/hex"
	"encoding/json"
	"syscall/js"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/weights/proquint"
)

// offline is wasm/page/offline.js.
func offline() js.Value { return js.Global().Get("Offline") }

// keep is desk.Screen's Keep. What comes while a change is told is told after it,
// as it then is.
func keep(changed func(desk.Standing)) {
	var last js.Value
	news := make(chan struct{}, 1)
	offline().Call("start", js.FuncOf(func(_ js.Value, args []js.Value) any {
		last = args[0]
		select {
		case news <- struct{}{}:
		default:
		}
		return nil
	}))
	go func() {
		for range news {
			changed(standing(last))
		}
	}()
}

func standing(s js.Value) desk.Standing {
	return desk.Standing{
		Insecure: !s.Get("secure").Bool(),
		Copy:     s.Get("copy").String(),
		Newer:    s.Get("newer").Bool(),
		Others:   s.Get("others").Bool(),
		Lockable: s.Get("lockable").Bool(),
		Locked:   s.Get("locked").Bool(),
		Framed:   s.Get("framed").Bool(),
		Refused:  s.Get("refused").Int(),
	}
}

// inspect is desk.Screen's Inspect.
func inspect() (*desk.Inventory, error) {
	text, err := browser.Await(offline().Call("inspect"))
	if err != nil {
		return nil, err
	}
	inventory := &desk.Inventory{}
	if err := json.Unmarshal([]byte(text.String()), inventory); err != nil {
		return nil, err
	}
	fingerprint, err := hex.DecodeString(inventory.Signer)
	inventory.Signer = proquint.Encode(fingerprint)
	return inventory, err
}
