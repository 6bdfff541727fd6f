"""Command lines, templates and YAML as programs written in Go have them: cobra, urfave/cli, text/template."""
