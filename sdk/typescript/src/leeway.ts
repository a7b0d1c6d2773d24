/** How far the clocks of issuer and resource server may disagree, in seconds. */
export const LEEWAY = 30;
