"""Command lines, templates and YAML of programs written in Go: cobra, urfave/cli, text/template.

Begin with `cobra`. It may import `bash.running.call`, `commands.flags` and `text`, but no program.
"""
