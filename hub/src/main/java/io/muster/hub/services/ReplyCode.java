package io.muster.hub.services;

/** What the {@code code} of an answer says, as devices know it. */
final class ReplyCode {

    static final int SUCCESS = 200;

    /** The hub cannot do it now. */
    static final int INTERNAL = 400;

    static final int NO_SUCH_DEVICE = 402;
    static final int TOO_MANY_REQUESTS = 429;
    static final int BAD_PARAMETER = 460;
    static final int TOO_LARGE = 1008;

    /** Nor is the device signed in that it is about. */
    static final int NOT_PERMITTED = 1009;

    static final int NOT_JSON = 1220;
    static final int EMPTY = 1251;
    static final int METHOD_MISMATCH = 1260;
    static final int TIMED_OUT = 6205;

    private ReplyCode() {}
}
