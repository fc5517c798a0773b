package io.muster.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.StateReader.Read;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A device that gateways speak for and that connects itself too, and what is true of it by all that
 * was answered. Whoever does something with it holds its monitor until he knows what came of it.
 */
final class ChaoticSubDevice {

    /**
     * A connection of a gateway.
     *
     * @param gateway its key
     * @param number which one it is
     */
    record Link(String gateway, int number) {}

    final DeviceId id;
    private Secret secret;
    private ChaoticDevice itself;
    private boolean exists = true;
    private boolean disabled;
    private boolean activated;
    private boolean maybeActivated;
    private Optional<String> speaker = Optional.empty();
    private Optional<Link> login = Optional.empty();

    ChaoticSubDevice(DeviceId id, Secret secret) {
        this.id = id;
        this.secret = secret;
        this.itself = new ChaoticDevice(id.deviceKey(), secret.reveal());
    }

    Secret secret() {
        return secret;
    }

    boolean exists() {
        return exists;
    }

    boolean isDisabled() {
        return disabled;
    }

    boolean isSpokenForBy(String gateway) {
        return speaker.filter(gateway::equals).isPresent();
    }

    /** Whether this connection of a gateway may sign it in. */
    boolean mayBeSignedInBy(String gateway) {
        return exists && !disabled && isSpokenForBy(gateway);
    }

    boolean isSignedInBy(Link link) {
        return login.filter(link::equals).isPresent();
    }

    /** Through a gateway: a connection of its own has ended. */
    void signedIn(Link link) throws IOException {
        activated = true;
        login = Optional.of(link);
        itself.awaitClosed();
    }

    /** Whether a sign-in came through before its gateway had gone is not known. */
    void mayHaveSignedIn(String gateway) {
        maybeActivated |= mayBeSignedInBy(gateway);
    }

    /** It was, and may not be any more. */
    void wasSignedIn() {
        activated = true;
    }

    void signedOut() {
        login = Optional.empty();
    }

    void spokenForBy(Optional<String> gateway) {
        if (!gateway.equals(speaker)) {
            signedOut();
        }
        speaker = gateway;
    }

    /** Connects itself; the code that it must be answered with, and the one that it was. */
    boolean connects(int port) throws IOException {
        int code = itself.connect(port);
        if (code == ChaoticDevice.ACCEPTED) {
            activated = true;
            signedOut();
        }
        int right = disabled ? ChaoticDevice.NOT_AUTHORIZED : ChaoticDevice.ACCEPTED;
        return code == (exists ? right : ChaoticDevice.BAD_CREDENTIALS);
    }

    void leaves(boolean inOrder) throws IOException {
        itself.leave(inOrder);
    }

    void disabled(boolean isDisabled) throws IOException {
        disabled = isDisabled;
        if (isDisabled) {
            signedOut();
            itself.awaitClosed();
        }
    }

    void deleted() throws IOException {
        exists = false;
        disabled = false;
        activated = false;
        maybeActivated = false;
        spokenForBy(Optional.empty());
        itself.awaitClosed();
    }

    void created(Secret newSecret) {
        exists = true;
        secret = newSecret;
        itself = new ChaoticDevice(id.deviceKey(), newSecret.reveal());
    }

    /**
     * What is wrong, once nothing changes any more.
     *
     * @param links the connections that there are
     * @param shown by the management API; missing if there is no such device
     * @param read by an application
     */
    Optional<String> fault(Set<Link> links, JsonNode shown, @Nullable Read read) {
        Read inApi = new Read(shown.path("state").asText(), shown.path("stateVersion").asLong());
        JsonNode gateway = shown.path("gateway");
        boolean isSignedIn = login.filter(links::contains).isPresent();
        boolean isRight =
                exists
                        ? isTrue(inApi.state(), isSignedIn)
                                && isRead(inApi, read)
                                && gateway.path("deviceKey").asText().equals(speaker.orElse(""))
                                && gateway.path("signedIn").asBoolean() == isSignedIn
                        : inApi.state().isEmpty() && isCleared(read);
        return isRight
                ? Optional.empty()
                : Optional.of(
                        "%s: exists %s, %s, by %s; API %s; read %s"
                                .formatted(id, exists, state(isSignedIn), speaker, shown, read));
    }

    private boolean isTrue(String state, boolean isSignedIn) {
        String right = state(isSignedIn);
        boolean mayBeOffline = right.equals("INACTIVE") && maybeActivated;
        return state.equals(right) || (mayBeOffline && state.equals("OFFLINE"));
    }

    private String state(boolean isSignedIn) {
        if (disabled) {
            return "DISABLED";
        }
        if (isSignedIn || itself.isConnected()) {
            return "ONLINE";
        }
        return activated ? "OFFLINE" : "INACTIVE";
    }

    /**
     * Of a device that is new nothing is published. Nor is it when one that is online signs in by
     * another way, which makes a version but no other state.
     */
    private static boolean isRead(Read inApi, @Nullable Read read) {
        boolean isSameState =
                read != null
                        && read.state().equals(inApi.state())
                        && read.version() <= inApi.version();
        return isSameState
                || (inApi.state().equals("INACTIVE")
                        && isCleared(read)
                        && (read == null || read.version() < inApi.version()));
    }

    private static boolean isCleared(@Nullable Read read) {
        return read == null || read.state().equals(StateReader.DELETED);
    }
}
