/**
 * What opens the doors of a sale on a laptop. They are in the open on purpose: everything listens on loopback, and the
 * README's commands need them. Deployments bring their own; nothing in the services knows these.
 */
export const localSecrets = {
  roomTokenKey: 'local-room-token-key-0123456789abcdef',
  ticketKey: 'local-ticket-key-0123456789abcdef-0',
  paymentWebhookSecret: 'local-webhook-secret',
  paymentProviderKey: 'local-provider-key',
  jwtKey: 'local-jwt-key-0123456789abcdef-0123456789',
  adminToken: 'local-admin-token',
} as const;
