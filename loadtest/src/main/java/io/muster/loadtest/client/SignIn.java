package io.muster.loadtest.client;

import org.jspecify.annotations.Nullable;

/**
 * What goes into a CONNECT. An immutable value.
 *
 * @param clientId client identifier
 * @param username null to send none
 * @param password null to send none
 * @param name of the client's certificate, where there are some
 * @param keepsSession whether the session outlives the connection, and one that there is goes on
 */
public record SignIn(
        String clientId,
        @Nullable String username,
        @Nullable String password,
        String name,
        boolean keepsSession) {

    /** The same with a session that outlives the connection, or without. */
    public SignIn keepingSession(boolean keeps) {
        return new SignIn(clientId, username, password, name, keeps);
    }

    /** Everything but the password. */
    @Override
    public String toString() {
        return "SignIn[clientId=" + clientId + ", username=" + username + "]";
    }
}
