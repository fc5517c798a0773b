package io.muster.hub.api.est;

import io.javalin.http.Context;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.devices.DeviceId;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.http.ApiProblem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Finds out which device asks: by its certificate, or by its secret as password (RFC 7030, section
 * 3.2.3). Shared; blocks while it looks the device up.
 */
final class EstCallers {

    private static final String BASIC = "Basic ";
    private static final String CHALLENGE = "Basic realm=\"muster\", charset=\"UTF-8\"";

    private final DeviceCallers devices;

    EstCallers(DeviceCallers devices) {
        this.devices = devices;
    }

    /**
     * Nothing of EST goes over a connection that others can read.
     *
     * @throws ApiProblem (403)
     */
    static void requireTls(Context ctx) {
        if (!ctx.req().isSecure()) {
            throw new ApiProblem(403, "EST is spoken over TLS only; see management.tls");
        }
    }

    /**
     * The device, by either proof; empty if it shows none. A secret that is sent counts, whatever
     * certificate the client shows besides, as devices have one of their manufacturer.
     *
     * @throws RequestRefusedException if it shows one that is not good
     */
    Optional<DeviceCaller> byAny(Context ctx) {
        try {
            return bySecret(ctx).or(() -> devices.byCertificate(ctx));
        } catch (RequestRefusedException e) {
            if (e.code() == RefusalCode.NOT_AUTHENTICATED) {
                ctx.header("WWW-Authenticate", CHALLENGE);
            }
            throw e;
        }
    }

    /**
     * Asks for a proof. Without a body: the client of BouncyCastle fails at one that it does not
     * read.
     */
    static void challenge(Context ctx) {
        ctx.status(401).header("WWW-Authenticate", CHALLENGE).result(new byte[0]);
    }

    /**
     * The device, by its certificate.
     *
     * @throws RequestRefusedException if it shows none, or one that is not good
     */
    DeviceCaller byCertificate(Context ctx) {
        return devices.byCertificate(ctx)
                .orElseThrow(
                        () ->
                                new RequestRefusedException(
                                        RefusalCode.NOT_AUTHORIZED,
                                        "a renewal needs the present certificate, shown in the TLS"
                                                + " handshake; without one that is valid, enrol"
                                                + " again (simpleenroll)"));
    }

    private Optional<DeviceCaller> bySecret(Context ctx) {
        return Optional.ofNullable(ctx.header("Authorization"))
                .filter(EstCallers::isBasic)
                .map(EstCallers::login)
                .map(login -> devices.bySecret(ctx, login.device(), login.secret()));
    }

    /** A user name in either form, and what is behind the colon. */
    private record Login(DeviceId device, String secret) {}

    private static Login login(String authorization) {
        String decoded = decoded(authorization);
        int colon = decoded.indexOf(':');
        return (colon < 0 ? Optional.<DeviceId>empty() : device(decoded.substring(0, colon)))
                .map(device -> new Login(device, decoded.substring(colon + 1)))
                .orElseThrow(
                        () ->
                                refused(
                                        "the user name has to be productKey/deviceKey or"
                                                + " deviceKey&productKey, with %3A for a colon"));
    }

    private static boolean isBasic(String authorization) {
        return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length());
    }

    private static String decoded(String authorization) {
        try {
            byte[] bytes = Base64.getDecoder().decode(authorization.substring(BASIC.length()));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /**
     * A device key may hold colons, which end a user name [RFC 7617 2]: they come escaped. A
     * product key has neither slash nor ampersand, a device key no slash.
     */
    private static Optional<DeviceId> device(String name) {
        String text = name.replace("%3A", ":").replace("%3a", ":");
        int slash = text.indexOf('/');
        if (slash >= 0) {
            return device(text.substring(0, slash), text.substring(slash + 1));
        }
        int ampersand = text.lastIndexOf('&');
        return ampersand < 0
                ? Optional.empty()
                : device(text.substring(ampersand + 1), text.substring(0, ampersand));
    }

    private static Optional<DeviceId> device(String productKey, String deviceKey) {
        return DeviceId.isProductKey(productKey) && DeviceId.isDeviceKey(deviceKey)
                ? Optional.of(new DeviceId(productKey, deviceKey))
                : Optional.empty();
    }

    private static RequestRefusedException refused(String detail) {
        return new RequestRefusedException(RefusalCode.NOT_AUTHENTICATED, detail);
    }
}
