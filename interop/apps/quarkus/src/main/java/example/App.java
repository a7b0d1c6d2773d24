package example;

import io.quarkus.oidc.IdToken;
import io.quarkus.security.Authenticated;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** A page that only users who sign in may see, and an API. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class App {
    @Inject
    @IdToken
    JsonWebToken user;

    @Inject
    SecurityIdentity identity;

    @GET
    @Path("open")
    public String open() {
        return "{}";
    }

    @GET
    @Authenticated
    @Path("private")
    public String page() {
        return "{\"email\": \"" + user.getClaim("email") + "\"}";
    }

    @GET
    @Path("api/me")
    @PermissionsAllowed("message:read")
    public String me() {
        return "{\"sub\": \"" + identity.getPrincipal().getName() + "\"}";
    }
}
