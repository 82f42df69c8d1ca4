package web

import "strings"

// permissionsPolicy turns off whatever a browser offers a page: all that
// Chromium 156 lists in document.permissionsPolicy.features(), but for the
// clipboard, which the copy buttons write to and whose reading a browser asks
// the person about, and for client hints, which are sent only to those who ask
// for them.
var permissionsPolicy = func() string {
	var parts []string
	for feature := range strings.FieldsSeq(`
		accelerometer aria-notify autoplay browsing-topics camera captured-surface-control
		compute-pressure cross-origin-isolated deferred-fetch deferred-fetch-minimal digital-credentials-create
		digital-credentials-get display-capture encrypted-media fullscreen gamepad geolocation gyroscope hid
		identity-credentials-get idle-detection interest-cohort keyboard-map language-detector language-model
		local-fonts local-network local-network-access loopback-network magnetometer media-playback-while-not-visible
		microphone midi on-device-speech-recognition otp-credentials payment picture-in-picture
		private-state-token-issuance private-state-token-redemption publickey-credentials-create
		publickey-credentials-get screen-wake-lock serial speaker-selection storage-access summarizer sync-xhr
		translator unload usb window-management xr-spatial-tracking
	`) {
		parts = append(parts, feature+"=()")
	}
	return strings.Join(parts, ", ")
}()
