/** One line that is rewritten in place on a terminal, and printed only when it changes elsewhere. */
export interface StatusLine {
  show(text: string): void;
  /** Prints a line of its own above the status. */
  print(text: string): void;
  end(): void;
}

export function createStatusLine(output: NodeJS.WriteStream): StatusLine {
  let current = '';
  const clear = output.isTTY ? '\r\u001b[2K' : '';
  const draw = () => {
    if (output.isTTY && current !== '')
      output.write(`\r\u001b[2K${current.slice(0, (output.columns || 120) - 1)}`);
  };
  return {
    show(text) {
      if (text === current) return;
      current = text;
      if (output.isTTY) draw();
      else output.write(`${text}\n`);
    },
    print(text) {
      output.write(`${clear}${text}\n`);
      draw();
    },
    end() {
      if (output.isTTY && current !== '') output.write('\n');
      current = '';
    },
  };
}
