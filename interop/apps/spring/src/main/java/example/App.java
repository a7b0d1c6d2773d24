package example;

import java.util.Map;
import java.util.Objects;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A page that only users who sign in may see, and an API. */
@SpringBootApplication
@RestController
public class App {
    public static void main(String[] args) {
        SpringApplication.run(App.class, args);
    }

    @Bean
    @Order(1)
    SecurityFilterChain api(HttpSecurity http) throws Exception {
        return http.securityMatcher("/api/**")
            .authorizeHttpRequests(requests -> requests.anyRequest().hasAuthority("SCOPE_message:read"))
            .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
            .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain pages(HttpSecurity http) throws Exception {
        return http
            .authorizeHttpRequests(requests -> requests.requestMatchers("/open").permitAll().anyRequest().authenticated())
            .oauth2Login(Customizer.withDefaults())
            .build();
    }

    /** As in docs/protect-an-api.md. */
    @Bean
    JwtDecoder jwtDecoder(@Value("${ISSUER}") String issuer, @Value("${AUDIENCE}") String audience) {
        var decoder = NimbusJwtDecoder.withJwkSetUri(issuer + "/jwks")
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .validateType(false)
            .build();
        OAuth2TokenValidator<Jwt> hasClient = new JwtClaimValidator<>("client_id", Objects::nonNull);
        OAuth2TokenValidator<Jwt> isBearer = new JwtClaimValidator<>("cnf", Objects::isNull);
        decoder.setJwtValidator(JwtValidators.createAtJwtValidator()
            .issuer(issuer)
            .audience(audience)
            .validators(rules -> { rules.put("client_id", hasClient); rules.put("cnf", isBearer); })
            .build());
        return decoder;
    }

    @GetMapping("/open")
    Map<String, String> open() {
        return Map.of();
    }

    @GetMapping("/private")
    Map<String, String> page(@AuthenticationPrincipal OidcUser user) {
        return Map.of("email", user.getEmail());
    }

    @GetMapping("/api/me")
    Map<String, String> me(@AuthenticationPrincipal Jwt token) {
        return Map.of("sub", token.getSubject());
    }
}
