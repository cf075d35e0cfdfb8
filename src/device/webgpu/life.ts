/** Whether the GPU is still ours: drivers restart, laptops sleep, tabs are taken their device. */
import { ListwiseError } from '../../error.js';

export class Life {
  #end: ListwiseError | undefined;

  constructor(device: GPUDevice) {
    device.lost.then(({ message, reason }) => {
      const what = message || reason;
      this.#end ??= new ListwiseError('device-lost', `The GPU was lost: ${what}`, {
        hint: 'The next request opens it anew.',
      });
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#end ??= new ListwiseError('device-failed', `The GPU reports an error: ${error.message}`, {
        cause: error,
      });
    });
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Throws `device-lost` or `device-failed` when it is over. */
  check(): void {
    if (this.#end) throw this.#end;
  }

  /** From now on the device is not lost but given back. */
  end(): void {
    this.#end ??= new ListwiseError('disposed', 'This device was disposed.');
  }
}
