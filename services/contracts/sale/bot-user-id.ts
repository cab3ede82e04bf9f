/** How the userIds of bots begin; nobody else's may, so that pages and ranks can tell them apart. */
export const botUserIdPrefix = 'bot-';

/** Whether a userId is a bot's. */
export function isBotUserId(userId: string): boolean {
  return userId.startsWith(botUserIdPrefix);
}
