/** Namespace of the services and the operator. */
export const appNamespace = 'onsale';

/** What runs in the namespace, by the name its chart, service account and image share. */
export const workloads = ['public-api', 'confirm-api', 'confirm-worker', 'ticket-event-operator'] as const;
export type Workload = (typeof workloads)[number];

/** What has an image: the workloads, and the bots of practice rounds, who call nothing of AWS. */
export const images = [...workloads, 'bots'] as const;
export type Image = (typeof images)[number];

/** Workloads that reach the stores. */
export const services = ['public-api', 'confirm-api', 'confirm-worker'] as const;
export type Service = (typeof services)[number];

/** Services the load balancer reaches. */
export const apis = ['public-api', 'confirm-api'] as const;
export type Api = (typeof apis)[number];

/** Ports as the services' settings have them by default. */
export const publicPort = 8080;
export const internalPort = 9090;
