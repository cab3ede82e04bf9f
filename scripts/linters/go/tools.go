//go:build tools

// Package tools names the linters that are Go programs, so that go.mod and go.sum pin all they are built from.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
