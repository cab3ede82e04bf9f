/** What the services measure, by the names in their registries; a test reads those. */
export const measured = {
  requestSeconds: 'onsale_http_request_duration_seconds',
  readinessCheck: 'onsale_readiness_check_passing',
} as const;

/** What rules make of it and the adapter serves; autoscalers ask for the last two of these names. */
export const derived = {
  readyPods: 'onsale_ready_pods',
  serviceRequestsPerSecond: 'onsale_service_requests_per_second',
  slowRequestsPerSecond: 'onsale_slow_requests_per_second',
  /** Of a pod. */
  requestsPerSecond: 'onsale_http_requests_per_second',
  /** Of a Deployment: how many pods it should have because it is slow, or 0. */
  slowStepPods: 'onsale_slow_step_pods',
} as const;
