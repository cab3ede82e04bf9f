import dynalite from 'dynalite';

const {
  host = '127.0.0.1',
  port,
  dataDir: path,
} = JSON.parse(process.argv[2] ?? '{}') as { host?: string; port: number; dataDir?: string };

const server = dynalite({
  ...(path === undefined ? {} : { path }),
  createTableMs: 0,
  deleteTableMs: 0,
  updateTableMs: 0,
});

function stop(): void {
  server.close(() => process.exit(0));
  server.closeAllConnections();
}

// dynalite throws what a request stream emits, so that a client hanging up in mid-request would end everybody's tables.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code === 'ECONNRESET') return;
  console.error(error);
  process.exit(1);
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
server.listen(port, host, () => process.send?.('ready'));
