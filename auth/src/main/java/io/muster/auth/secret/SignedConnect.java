package io.muster.auth.secret;

/**
 * What a device puts into its CONNECT packet to sign in.
 *
 * @param clientId the MQTT client identifier
 * @param username the user name
 * @param password the signature; who has it can sign in as the device, so it is never printed
 */
public record SignedConnect(String clientId, String username, String password) {

    /** Everything but the password. */
    @Override
    public String toString() {
        return "SignedConnect[clientId=" + clientId + ", username=" + username + "]";
    }
}
