//go:build tools

// Package tools names the program that runs the load, so that go.mod and go.sum pin all it is built from.
package tools

import (
	_ "go.k6.io/k6"
)
