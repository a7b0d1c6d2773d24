const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** Protected resource metadata (RFC 9728 §2). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

export function resourceMetadata(issuer: string, audience: string, scopes: readonly string[]): ResourceMetadata {
  return {
    resource: audience,
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
  };
}

/** The path of the document (RFC 9728 §3): the well-known prefix, then the audience's own path. */
export function resourceMetadataPath(audience: string): string {
  return WELL_KNOWN + (httpUrl(audience)?.pathname ?? "").replace(/\/+$/, "");
}

/** The URL in challenges. Undefined when the audience is not an http(s) URL. */
export function resourceMetadataUrl(audience: string): string | undefined {
  const url = httpUrl(audience);
  return url && url.origin + resourceMetadataPath(audience);
}

function httpUrl(audience: string): URL | undefined {
  const url = URL.canParse(audience) ? new URL(audience) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}
