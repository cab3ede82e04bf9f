/** Where the managed Prometheus of a Region answers. */
export const prometheusAddress = (region: string): URL =>
  new URL(`https://aps-workspaces.${region}.amazonaws.com`);
