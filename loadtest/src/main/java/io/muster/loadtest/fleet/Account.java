package io.muster.loadtest.fleet;

/**
 * An application account. An immutable value.
 *
 * @param username user name of the MQTT CONNECT
 * @param password password of the MQTT CONNECT
 */
public record Account(String username, String password) {

    /** Everything but the password. */
    @Override
    public String toString() {
        return "Account[" + username + "]";
    }
}
