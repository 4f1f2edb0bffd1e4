# The console in a real browser: Debian's Chromium, driven by Playwright.

playwright=playwright==1.65.2
# The walk takes half a minute.
browser_seconds_max=200

# Leaves a picture of each step in flight/console.
browse_console() {
    say "The console in a browser"
    install_missing chromium=chromium /usr/share/javascript/dygraphs/dygraph.min.js=libjs-dygraphs \
        '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf=fonts-dejavu-core'
    "$python" -c 'import playwright' 2>/dev/null \
        || job "$install_seconds_max" "$python" -m pip install --quiet --retries 3 "$playwright"
    job "$browser_seconds_max" "$python" Tests/Console/browser.py .build/release/droneagent flight/console
}
