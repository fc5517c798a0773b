package io.muster.benchmarks.registry;

import io.muster.devices.DeviceStatus;
import io.muster.devices.registry.search.DevicePage;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.search.DeviceSearch;
import io.muster.devices.registry.search.DeviceSearch.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How long pages of 100 devices take, at the beginning, in the middle and at the end. */
final class PageTimes {

    private static final int PAGE = 100;
    private static final int WARM_UP = 20;
    private static final int MEASURED = 200;

    private final DeviceRecords records;
    private final int devicesOfProduct;

    PageTimes(DeviceRecords records, int devicesOfProduct) {
        this.records = records;
        this.devicesOfProduct = devicesOfProduct;
    }

    void print() {
        System.out.printf(
                "%-36s %-7s %7s %8s %8s %17s%n",
                "page of 100", "", "devices", "p50 ms", "p99 ms", "of the processor");
        Optional<DeviceStatus> any = Optional.empty();
        Tag site = new Tag("site", "site-7");
        Tag hall = new Tag("hall", "3");
        times("no filter", search(any, "", ""));
        times("status, one in 100", search(Optional.of(DeviceStatus.DISABLED), "", ""));
        times("status, nearly all", search(Optional.of(DeviceStatus.INACTIVE), "", ""));
        times("key prefix, one in 10", search(any, "device-0000", ""));
        times("name prefix, one in 20", search(any, "", "Pump 0000"));
        times("tag, one in 1000", search(any, "", "", site));
        times("tag, one in 4", search(any, "", "", hall));
        times("two tags, the rare first", search(any, "", "", site, hall));
        times("two tags, the rare last", search(any, "", "", hall, site));
        times(
                "tag, and status one in 100",
                search(Optional.of(DeviceStatus.DISABLED), "", "", hall));
        times("name prefix and tag", search(any, "", "Pump", site));
        times("nothing is found", search(Optional.of(DeviceStatus.ONLINE), "", ""));
    }

    private static DeviceSearch search(
            Optional<DeviceStatus> status, String key, String name, Tag... tags) {
        return new DeviceSearch(Optional.empty(), status, key, name, List.of(tags));
    }

    private void times(String what, DeviceSearch search) {
        boolean byName = !search.namePrefix().isEmpty();
        String middle = after(devicesOfProduct / 2, byName);
        String end = after(devicesOfProduct - PAGE, byName);
        String product = ManyDevices.productKey(ManyDevices.PRODUCTS / 2);
        String last = ManyDevices.productKey(ManyDevices.PRODUCTS - 1);
        times(what + ", a product", "first", search.in(product), "");
        times(what + ", a product", "middle", search.in(product), middle);
        times(what + ", a product", "last", search.in(product), end);
        times(what + ", all", "first", search, "");
        times(what + ", all", "middle", search, product + "/" + middle);
        times(what + ", all", "last", search, last + "/" + end);
    }

    private static String after(int i, boolean byName) {
        return ManyDevices.deviceKey(i) + (byName ? "/Pump %08d".formatted(i) : "");
    }

    private void times(String what, String where, DeviceSearch search, String after) {
        long[] nanos = new long[MEASURED];
        long[] processor = new long[MEASURED];
        DevicePage page = records.search(search, after, PAGE);
        for (int i = -WARM_UP; i < MEASURED; i++) {
            Stopwatch begin = Stopwatch.start();
            page = records.search(search, after, PAGE);
            if (i >= 0) {
                nanos[i] = begin.nanos();
                processor[i] = begin.processorNanos();
            }
        }
        Arrays.sort(nanos);
        Arrays.sort(processor);
        System.out.printf(
                "%-36s %-7s %7d %8.2f %8.2f %8.2f %8.2f  %s%n",
                what,
                where,
                page.devices().size(),
                nanos[MEASURED / 2] / 1e6,
                nanos[MEASURED * 99 / 100] / 1e6,
                processor[MEASURED / 2] / 1e6,
                processor[MEASURED * 99 / 100] / 1e6,
                page.next().isPresent() ? "more" : "end");
    }
}
