"""Command lines, templates and YAML as programs written in Go have them: cobra, urfave/cli, text/template.

Begin with `cobra`. It may import `bash.running.call`, `commands.flags` and `text`, and nothing of a program.
"""
