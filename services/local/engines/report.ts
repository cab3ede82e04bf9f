/** Takes one line of progress for the person who waits. */
export type Report = (line: string) => void;
