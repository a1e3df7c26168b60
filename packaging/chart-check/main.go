// Command chart-check reads rendered manifests with Kubernetes' own types, strictly: an unknown kind, a
// field that does not exist or is there twice, and a wrong type end it.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	for _, name := range os.Args[1:] {
		count, err := check(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			os.Exit(1)
		}
		fmt.Println(count, "manifests are what Kubernetes takes")
	}
}

func check(name string) (int, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	strict := json.NewSerializerWithOptions(
		json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(file))
	count := 0
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			if count == 0 {
				return 0, errors.New("no manifest")
			}
			return count, nil
		}
		if err != nil {
			return count, err
		}
		if _, _, err := strict.Decode(document, nil, nil); err != nil {
			return count, fmt.Errorf("%w in:\n%s", err, document)
		}
		count++
	}
}
