/**
 * The registers through which a driver finds, sets up and acknowledges a virtio device: the MMIO transport, version 2. They hold what
 * the driver wrote and touch no memory. Virtio 1.2, sections 2.1 (status), 2.2 (features) and 4.2 (MMIO).
 */
import type { QueueState } from './virtqueue.ts';
import { initialQueue, QUEUE_SIZE_MAX } from './virtqueue.ts';

/** Offsets of registers; the words of a queue are in QUEUE_WORDS. */
const MAGIC_VALUE = 0x000;
const VERSION = 0x004;
const DEVICE_ID = 0x008;
const VENDOR_ID = 0x00c;
const DEVICE_FEATURES = 0x010;
const DEVICE_FEATURES_SELECT = 0x014;
const DRIVER_FEATURES = 0x020;
const DRIVER_FEATURES_SELECT = 0x024;
const QUEUE_SELECT = 0x030;
const QUEUE_SIZE_MAXIMUM = 0x034;
const QUEUE_READY = 0x044;
/** A store here makes the device look at a queue, which is the device's affair: see `virtio-device.ts`. */
export const QUEUE_NOTIFY = 0x050;
const INTERRUPT_STATUS = 0x060;
const INTERRUPT_ACKNOWLEDGE = 0x064;
const STATUS = 0x070;
const SHARED_MEMORY_FIRST = 0x0b0;
const SHARED_MEMORY_LAST = 0x0bc;

/** The write-only words that describe the queue selected. */
const QUEUE_WORDS = new Map<number, Exclude<keyof QueueState, 'ready' | 'taken' | 'returned'>>([
  [0x038, 'size'],
  [0x080, 'descriptorsLow'],
  [0x084, 'descriptorsHigh'],
  [0x090, 'driverLow'],
  [0x094, 'driverHigh'],
  [0x0a0, 'deviceLow'],
  [0x0a4, 'deviceHigh'],
]);

const MAGIC = 0x74726976; // "virt"
const VENDOR = 0x4c53;

/** VIRTIO_F_VERSION_1, bit 32 of the features: the only one of the second word that any device offers, and every driver has to accept it. */
const VERSION_1 = 1 << 0;

/** Bits of the status register. */
const DRIVER_OK = 4;
const FEATURES_OK = 8;
const NEEDS_RESET = 64;
const FAILED = 128;
const DRIVER_BITS = 1 | 2 | DRIVER_OK | FEATURES_OK | FAILED; // 1 is ACKNOWLEDGE, 2 DRIVER

/** Bits of the interrupt status. */
const USED_BUFFER = 1;
const CONFIGURATION_CHANGE = 2;

/** What the registers tell of the device behind them. */
export interface DeviceKind {
  /** Virtio 1.2, chapter 5; zero says that no device is here (section 4.2.2). */
  id: number;
  /** Features 0 to 31 that the device offers. */
  features: number;
  queueCount: number;
}

export interface RegistersState {
  deviceFeaturesSelect: number;
  driverFeaturesSelect: number;
  /** Bits 0 to 31 and 32 to 63 of what the driver accepted. */
  driverFeatures: number[];
  status: number;
  interruptStatus: number;
  queueSelect: number;
  queues: QueueState[];
}

/** State after power-on, and after the driver wrote zero to the status register. */
function initialState(queueCount: number): RegistersState {
  return {
    deviceFeaturesSelect: 0,
    driverFeaturesSelect: 0,
    driverFeatures: [0, 0],
    status: 0,
    interruptStatus: 0,
    queueSelect: 0,
    queues: Array.from({ length: queueCount }, initialQueue),
  };
}

export class Registers {
  readonly #kind: DeviceKind;
  #state: RegistersState;
  /** Whether the state is also that of a snapshot: then it is copied before it changes. */
  #isShared = false;

  constructor(kind: DeviceKind) {
    this.#kind = kind;
    this.#state = initialState(kind.queueCount);
  }

  /** To look at. */
  get queues(): readonly Readonly<QueueState>[] {
    return this.#state.queues;
  }

  /** The queue of a number, to change; undefined if there is none. */
  editQueue(number: number): QueueState | undefined {
    return this.#edit().queues[number];
  }

  /** Whether the driver has finished its setup and nothing has failed since: before, the device takes no buffer (section 3.1.2). */
  get isLive(): boolean {
    return (this.#state.status & (FEATURES_OK | DRIVER_OK | NEEDS_RESET | FAILED)) === (FEATURES_OK | DRIVER_OK);
  }

  /** Whether the driver accepted the feature with that bit of the first word. */
  hasAccepted(feature: number): boolean {
    return (this.#state.driverFeatures[0]! & feature) !== 0;
  }

  /** Level of the interrupt line: raised until the driver has acknowledged every bit. */
  get interruptPending(): boolean {
    return this.#state.interruptStatus !== 0;
  }

  /** Tells the driver that buffers came back. */
  raiseUsedBuffer(): void {
    this.#edit().interruptStatus |= USED_BUFFER;
  }

  /** The driver broke a rule and the device stops until it is reset; a driver that is up is told by an interrupt (section 2.1.2). */
  fail(): void {
    const state = this.#edit();
    state.status |= NEEDS_RESET;
    if ((state.status & DRIVER_OK) !== 0) state.interruptStatus |= CONFIGURATION_CHANGE;
  }

  /** Registers that are not there, and those that can only be written, read as zero. */
  load(offset: number): number {
    const state = this.#state;
    switch (offset) {
      case MAGIC_VALUE:
        return MAGIC;
      case VERSION:
        return 2;
      case DEVICE_ID:
        return this.#kind.id;
      case VENDOR_ID:
        return VENDOR;
      case DEVICE_FEATURES:
        return [this.#kind.features, VERSION_1][state.deviceFeaturesSelect] ?? 0;
      case QUEUE_SIZE_MAXIMUM:
        return this.#selected === undefined ? 0 : QUEUE_SIZE_MAX;
      case QUEUE_READY:
        return this.#selected?.ready === true ? 1 : 0;
      case INTERRUPT_STATUS:
        return state.interruptStatus;
      case STATUS:
        return state.status;
      default:
        // No shared memory region exists, which the length says with all bits set.
        return offset >= SHARED_MEMORY_FIRST && offset <= SHARED_MEMORY_LAST ? -1 : 0;
    }
  }

  /** A store to a register that is not there, or that can only be read, does nothing. */
  store(offset: number, value: number): void {
    const state = this.#edit();
    switch (offset) {
      case DEVICE_FEATURES_SELECT:
        state.deviceFeaturesSelect = value >>> 0;
        break;
      case DRIVER_FEATURES_SELECT:
        state.driverFeaturesSelect = value >>> 0;
        break;
      case DRIVER_FEATURES:
        this.#acceptFeatures(value);
        break;
      case QUEUE_SELECT:
        state.queueSelect = value >>> 0;
        break;
      case QUEUE_READY:
        this.#setReady((value & 1) === 1);
        break;
      case INTERRUPT_ACKNOWLEDGE:
        state.interruptStatus &= ~value;
        break;
      case STATUS:
        this.#setStatus(value);
        break;
      default:
        this.#describeQueue(offset, value);
    }
  }

  save(): RegistersState {
    this.#isShared = true;
    return this.#state;
  }

  restore(state: RegistersState): void {
    this.#isShared = true;
    this.#state = state;
  }

  reset(): void {
    this.#isShared = false;
    this.#state = initialState(this.#kind.queueCount);
  }

  #edit(): RegistersState {
    if (this.#isShared) this.#state = copyOf(this.#state);
    this.#isShared = false;
    return this.#state;
  }

  get #selected(): QueueState | undefined {
    return this.#state.queues[this.#state.queueSelect];
  }

  /** Features are settled once FEATURES_OK stands. Words past the second hold no feature that this device could have. */
  #acceptFeatures(bits: number): void {
    const { driverFeatures, driverFeaturesSelect, status } = this.#state;
    if (driverFeaturesSelect < driverFeatures.length && (status & FEATURES_OK) === 0) driverFeatures[driverFeaturesSelect] = bits >>> 0;
  }

  /** A ready queue keeps its description; one that is made ready begins at the first entry of its rings. */
  #setReady(ready: boolean): void {
    const queue = this.#selected;
    if (queue === undefined) return;
    if (ready && !queue.ready) queue.taken = queue.returned = 0;
    queue.ready = ready;
  }

  #describeQueue(offset: number, value: number): void {
    const word = QUEUE_WORDS.get(offset);
    const queue = this.#selected;
    if (word !== undefined && queue !== undefined && !queue.ready) queue[word] = value >>> 0;
  }

  /** Zero resets the device. Else bits are only ever added, and FEATURES_OK only if the driver accepted what the device can do. */
  #setStatus(value: number): void {
    if (value === 0) {
      this.reset();
      return;
    }
    const [low, high] = this.#state.driverFeatures as [number, number];
    const isAcceptable = (low & ~this.#kind.features) === 0 && high === VERSION_1;
    this.#state.status |= value & (isAcceptable ? DRIVER_BITS : DRIVER_BITS & ~FEATURES_OK);
  }
}

function copyOf(state: RegistersState): RegistersState {
  return { ...state, driverFeatures: state.driverFeatures.slice(), queues: state.queues.map((queue) => ({ ...queue })) };
}
