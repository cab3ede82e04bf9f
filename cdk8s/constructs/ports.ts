/** Port the load balancer reaches. */
export const publicPort = 8080;

/** Port of health, readiness, metrics and the admin routes; no way leads to it from outside. */
export const internalPort = 9090;
