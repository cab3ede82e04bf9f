/** Namespace of the services and the operator, as cluster-cdk's roles name it. */
export const appNamespace = 'onsale';
