// Checks a history of reads and writes, as NodesIT writes it, for linearizability per object with
// Porcupine (https://github.com/anishathalye/porcupine): each object is a register that begins empty.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

type line struct {
	Client int    `json:"client"`
	Kind   string `json:"kind"`
	Object int    `json:"object"`
	Value  string `json:"value"`
	Call   int64  `json:"call"`
	Return int64  `json:"return"`
}

type input struct {
	write bool
	value string
}

var register = porcupine.Model{
	Init: func() interface{} { return "" },
	Step: func(state, in, out interface{}) (bool, interface{}) {
		asked := in.(input)
		if asked.write {
			return true, asked.value
		}
		return out.(string) == state.(string), state
	},
	DescribeOperation: func(in, out interface{}) string {
		if asked := in.(input); asked.write {
			return fmt.Sprintf("write %s", asked.value)
		}
		return fmt.Sprintf("read %s", out)
	},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: history FILE")
		os.Exit(2)
	}
	objects, reads, writes, unknown := load(os.Args[1])
	violations := 0
	undecided := 0
	for object, operations := range objects {
		switch porcupine.CheckOperationsTimeout(register, operations, 5*time.Minute) {
		case porcupine.Illegal:
			violations++
			fmt.Printf("object %d: not linearizable\n", object)
		case porcupine.Unknown:
			undecided++
			fmt.Printf("object %d: not decided in time\n", object)
		}
	}
	fmt.Printf("%d objects, %d reads, %d writes, %d writes of unknown outcome: %d violations, %d undecided\n",
		len(objects), reads, writes, unknown, violations, undecided)
	if violations+undecided > 0 {
		os.Exit(1)
	}
}

func load(file string) (objects map[int][]porcupine.Operation, reads, writes, unknown int) {
	in, err := os.Open(file)
	fail(err)
	defer in.Close()
	objects = map[int][]porcupine.Operation{}
	read := map[string]bool{}
	var pending []line
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var l line
		fail(json.Unmarshal(lines.Bytes(), &l))
		switch {
		case l.Kind == "read":
			reads++
			read[l.Value] = true
			add(objects, l, input{}, l.Value)
		case l.Return >= 0:
			writes++
			add(objects, l, input{write: true, value: l.Value}, "")
		default:
			unknown++
			pending = append(pending, l)
		}
	}
	fail(lines.Err())
	for _, l := range pending {
		// a write that nobody read may as well not have happened: values are never written twice
		if read[l.Value] {
			l.Return = math.MaxInt64
			add(objects, l, input{write: true, value: l.Value}, "")
		}
	}
	return objects, reads, writes, unknown
}

func add(objects map[int][]porcupine.Operation, l line, in input, out string) {
	objects[l.Object] = append(objects[l.Object], porcupine.Operation{
		ClientId: l.Client, Input: in, Call: l.Call, Output: out, Return: l.Return})
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
