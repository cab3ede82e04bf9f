/** How the userIds of bots begin; nobody else's may, so that whoever shows a buyer can say that it is a bot. */
export const botUserIdPrefix = 'bot-';
