package io.muster.hub.protocol;

/** What the {@code code} of an answer says, as devices know it. */
public final class ReplyCode {

    /** It is done. */
    public static final int SUCCESS = 200;

    /** The hub cannot do it now. */
    public static final int INTERNAL = 400;

    /** The signature is wrong, or there is no such device. */
    public static final int NOT_AUTHENTICATED = 401;

    /** The device is not registered. */
    public static final int NO_SUCH_DEVICE = 402;

    /** Too many wait already. */
    public static final int TOO_MANY_REQUESTS = 429;

    /** A parameter is wrong. */
    public static final int BAD_PARAMETER = 460;

    /** The payload is larger than allowed. */
    public static final int TOO_LARGE = 1008;

    /** Not allowed, or the device that it is about is not signed in. */
    public static final int NOT_PERMITTED = 1009;

    /** The payload is not JSON. */
    public static final int NOT_JSON = 1220;

    /** There is no payload. */
    public static final int EMPTY = 1251;

    /** The method does not fit the topic. */
    public static final int METHOD_MISMATCH = 1260;

    /** It took too long; whether it was done is not known. */
    public static final int TIMED_OUT = 6205;

    private ReplyCode() {}
}
