/** An engine could not bind its port; carries the port so that the caller can pick another or name it to the person. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(engine: string, port: number, options?: ErrorOptions) {
    super(`${engine} cannot start: port ${port} on 127.0.0.1 is taken by another process`, options);
    this.port = port;
  }
}
